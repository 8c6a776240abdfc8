module example.org/supervisord

go 1.26

require github.com/reeve-sh/reeve v0.0.0

replace github.com/reeve-sh/reeve => ../..
