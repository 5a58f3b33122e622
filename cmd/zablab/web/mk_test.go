package web
import ("os";"testing")
func TestMk(t *testing.T){ in:=os.Getenv("IN"); if in=="" {t.Skip()}; b,_:=os.ReadFile(in); f,_:=os.Create(os.Getenv("OUT")); p:=Page{Title:"x",Trace:b}; if err:=p.Write(f);err!=nil{t.Fatal(err)}; f.Close()}
