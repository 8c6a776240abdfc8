package ext

import "context"

// Programs is for guests that change what there is to run. The daemon's Host is one:
//
//	programs, ok := host.(ext.Programs)
//
// What it adds is in no file: it is gone when the daemon restarts, and an update takes its group for changed. Options
// are those of a [program:x], read as if they stood in the configuration's file; what is wrong with them is a *Fault
// IncorrectParameters with the text that the file would get. Everything here may wait for programs.
type Programs interface {
	// Groups are the names of the active groups, in the order of their coming.
	Groups(ctx context.Context) ([]string, error)
	// CheckProgram finds out whether the options could stand in a file, and what the processes would be called as
	// members of a group; nothing else happens.
	CheckProgram(ctx context.Context, group, program string, options map[string]string) ([]string, error)
	// AddProcesses adds the processes of a program to an active group, all or none, and names them. Those that start by
	// themselves have been tried when it returns. A group that is not there is BadName, a name that it has
	// AlreadyAdded.
	AddProcesses(ctx context.Context, group, program string, options map[string]string) ([]string, error)
	// AddProgram adds a program as a group of its own. A name that an active group has is AlreadyAdded; what the
	// configuration says of a group of that name that is not active is put aside until it is read again.
	AddProgram(ctx context.Context, program string, options map[string]string) ([]string, error)
	// RemoveProcess takes a stopped process out of its group, which stays. One that is not stopped is StillRunning.
	RemoveProcess(ctx context.Context, group, process string) error
	// Preview is what supervisor.reloadConfig would answer, without its effect.
	Preview(ctx context.Context) (added, changed, removed []string, err error)
}
