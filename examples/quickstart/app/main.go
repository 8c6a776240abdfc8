// Command app is the programs of the quickstart: a web server, a queue worker that fails now and then, and a
// thumbnailer of which several run side by side.
package main

import (
	"fmt"
	"net/http"
	"os"
	"time"
)

func main() {
	role := ""
	if len(os.Args) > 1 {
		role = os.Args[1]
	}
	switch role {
	case "web":
		web()
	case "worker":
		worker()
	case "thumbnailer":
		thumbnailer()
	default:
		fmt.Fprintln(os.Stderr, "usage: app web|worker|thumbnailer")
		os.Exit(2)
	}
}

func web() {
	addr := "127.0.0.1:" + os.Getenv("PORT")
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		fmt.Println(time.Now().Format(time.TimeOnly), r.Method, r.URL.Path)
		fmt.Fprintf(w, "hello from %s, pid %d\n", os.Getenv("SUPERVISOR_PROCESS_NAME"), os.Getpid())
	})
	fmt.Println("listening on http://" + addr)
	fmt.Fprintln(os.Stderr, http.ListenAndServe(addr, nil))
	os.Exit(1)
}

// worker takes a job a second. Every twelfth cannot be digested, and the worker dies of it with a message on stderr.
func worker() {
	for job := 1; ; job++ {
		time.Sleep(time.Second)
		if job%12 == 0 {
			fmt.Fprintf(os.Stderr, "job %d is rotten, giving up\n", job)
			os.Exit(3)
		}
		fmt.Printf("job %d done\n", job)
	}
}

func thumbnailer() {
	for picture := 1; ; picture++ {
		fmt.Printf("%s made thumbnail %d\n", os.Getenv("SUPERVISOR_PROCESS_NAME"), picture)
		time.Sleep(3 * time.Second)
	}
}
