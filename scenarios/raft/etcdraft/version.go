package etcdraft

import (
	"context"
	"strings"

	"github.com/zablab/zablab/scenarios/guest"
)

// module is the path of the library's module.
const module = "go.etcd.io/raft/v3"

// Open builds the server, and opens it. from says which version of the library's code to use, or in
// which folder it is. tell, if not nil, is called before a build.
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
