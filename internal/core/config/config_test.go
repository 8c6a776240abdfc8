package config_test

import (
	"testing"

	"github.com/reeve-sh/reeve/internal/core/config"
)

func TestSmoke(t *testing.T) {
	w := fake{files: map[string]string{"/work/s.conf": "[supervisord]\nlogfile=/tmp/x\n[program:a]\ncommand=/bin/cat %(program_name)s %(process_num)02d\nprocess_name=%(program_name)s_%(process_num)s\nnumprocs=2\n[inet_http_server]\nport=9001\n"}}
	c, err := config.Parse("s.conf", w, config.Overrides{})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%+v", c)
}
