package etcdraft

import (
	"context"
	"strings"

	"github.com/zablab/zablab/scenarios/guest"
)

// module is the path of the library's module.
const module = "go.etcd.io/raft/v3"

// Open builds the server's program, if it is not built yet, and returns it ready for runs. The
// argument from names the version of the library, or the folder with the library's code. If the
// function tell is not nil, Open calls it before a build.
func Open(ctx context.Context, from guest.Source, tell func(string)) (*guest.Host, error) {
	pkg := Library{}.Package()
	return from.Open(ctx, pkg, tell, func(dir string) (flags []string, err error) {
		flags, err = from.Modfile(ctx, dir, pkg, module, "raft.go")
		if strings.HasPrefix(from.Version, "v3.6.") { // before the change of the messages' types
			flags = append(flags, "-tags=raft36")
		}
		return flags, err
	})
}
