package client_test

import (
	"strings"
	"testing"

	"github.com/reeve-sh/reeve/client"
)

func FuzzExecAnswer(f *testing.F) {
	f.Add(`{"stream":"stderr","base64":"AP8="}` + "\n" + `{"exit":{}}`)
	f.Add(`{"fault":null,"exit":null}`)
	f.Fuzz(func(t *testing.T, text string) {
		s := client.ReadExec(strings.NewReader(text))
		for range len(text) + 2 {
			if _, _, _, err := s.Next(); err != nil {
				return
			}
		}
		t.Fatal("it does not end")
	})
}
