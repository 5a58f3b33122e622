package zab_test
import ("fmt";"testing")
func TestDbg(t *testing.T) {
	defer func() {
		s := dbgStory
		s.show([]string{"packets","disk","roles"})
		fmt.Print(s.out.String())
		s.out.Reset(); s.audit=nil
		for _, m := range s.w.Machines() { s.disk([]string{m.Name}) }
		fmt.Print(s.out.String())
	}()
	runDuels(t, 3804, 5)

}
