module github.com/reeve-sh/reeve

go 1.26
