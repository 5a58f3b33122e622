package command

// EngineZooKeeper is the value of --engine that selects Apache ZooKeeper.
const EngineZooKeeper = "zookeeper"

// EngineEtcd is the value of --engine that selects etcd.
const EngineEtcd = "etcd"
