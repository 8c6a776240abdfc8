// Fastcgi is a FastCGI server on the socket that it finds as its standard input. It answers with its pid, slowly enough
// that two requests at once go to two processes.
package main

import (
	"fmt"
	"net/http"
	"net/http/fcgi"
	"os"
	"time"
)

func main() {
	err := fcgi.Serve(nil, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(20 * time.Millisecond)
		fmt.Fprintf(w, "%d %s", os.Getpid(), r.URL.Path)
	}))
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
