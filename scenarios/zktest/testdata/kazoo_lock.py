"""Three kazoo clients share a lock, or an election, until they are told that all is healed, and twice
more after that. One line of JSON on standard output for each thing that happens:

    ready   the three have sessions
    got     one has the lock: its node, and the nodes of all contenders as it then finds them
    ends    it has worked with the lock for 50 ms, and gives it back
    lost    one could not get the lock, keep it, or give it back: the error
    done    everybody has had the lock twice since all was healed
"""
import json
import logging
import sys
import threading
import time

from kazoo.client import KazooClient
from kazoo.retry import KazooRetry

hosts, recipe = sys.argv[1], sys.argv[2]
path = "/" + recipe
logging.disable(logging.CRITICAL)
said = threading.Lock()
healed = threading.Event()


def say(**line):
    with said:
        print(json.dumps(line), flush=True)


def client():
    z = KazooClient(hosts=hosts, timeout=1.0, randomize_hosts=False,
                    connection_retry=KazooRetry(max_tries=-1, delay=0.02, max_delay=0.2),
                    command_retry=KazooRetry(max_tries=-1, delay=0.02, max_delay=0.2))
    z.start(timeout=30)
    return z


def hold(z, name, lock):
    """What a program does with the lock. It does not ask again whether it still has it."""
    say(what="got", name=name, node=lock.node, nodes=z.get_children(path))
    time.sleep(0.05)
    say(what="ends", name=name, node=lock.node)


def once(z, name):
    """Gets the lock once. It returns false if that fails."""
    if recipe == "election":
        e = z.Election(path, name)
        try:
            e.run(lambda: hold(z, name, e.lock))
            return True
        except Exception as error:
            say(what="lost", name=name, why=type(error).__name__)
            return False
    lock = z.Lock(path, name)
    try:
        if not lock.acquire(timeout=20):
            say(what="lost", name=name, why="no lock within 20 s")
            return False
        hold(z, name, lock)
        lock.release()
        return True
    except Exception as error:
        say(what="lost", name=name, why=type(error).__name__)
    try:
        lock.cancel()
        lock.release()
    except Exception:
        pass
    return False


def work(z, name):
    after = 0
    while after < 2:
        count = healed.is_set()
        if once(z, name):
            after += count
        else:
            time.sleep(0.02)


clients = [client() for _ in range(3)]
clients[0].ensure_path(path)
say(what="ready")
threads = [threading.Thread(target=work, args=(z, "p%d" % (i + 1)), daemon=True)
           for i, z in enumerate(clients)]
for t in threads:
    t.start()
sys.stdin.readline()
healed.set()
for t in threads:
    t.join()
say(what="done")
for z in clients:
    z.stop()
    z.close()
