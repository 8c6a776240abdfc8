package config

import (
	"fmt"
	"io"
	"strings"
)

const referenceIntro = `# The configuration file

This page is generated from the table of options in ` + "`internal/core/config`" + `; change it there.

One file configures the daemon and supervisorctl. Without ` + "`-c`" + ` both take the first of these that exists, where D is the
directory above the one that holds the program: ` + "`D/etc/supervisord.conf`, `D/supervisord.conf`, `supervisord.conf`," + `
` + "`etc/supervisord.conf`, `/etc/supervisord.conf`, `/etc/supervisor/supervisord.conf`" + `.

## How it is written

- Sections have a name in brackets, options are ` + "`name = value` or `name: value`" + `. Names of options are the same in upper
  and lower case, names of sections are not. An option that is given twice has its last value; a section that is given
  twice is one section, also when the two parts stand in different files.
- ` + "`;` and `#`" + ` begin a comment at the start of a line and after a blank, within quotes too.
- A line that is indented deeper than its option continues the value.
- Options of ` + "`[DEFAULT]`" + ` are valid in every section that does not set them.
- Values are taken as they stand. Quotes mean something in ` + "`environment`" + ` and in ` + "`command`" + ` only.
- A section or option that nobody knows is ignored, with a warning in the log that names the file, the line and the name
  that was probably meant.

## Names in values

` + "`%(name)s`" + ` stands for a value, ` + "`%%`" + ` for a percent sign; numbers may be formatted as in ` + "`%(process_num)02d`" + `. A name that is
not available is an error, whose text lists the names that are.

| name | stands for | where |
|---|---|---|
| ` + "`ENV_X`" + ` | variable X of the daemon's environment, or of its ` + "`environment`" + ` option for sections read later | everywhere |
| ` + "`here`" + ` | directory of the root file | programs, groups, ` + "`[supervisord]`, `[include]`, `file`, `socket`, `serverurl` and `history_file`" + `; everywhere when there is an ` + "`[include]`" + `, where it is the directory of the file that it stands in |
| ` + "`host_node_name`" + ` | name of the machine | programs, ` + "`[include]`" + `, the daemon's ` + "`environment`" + ` |
| ` + "`program_name`, `group_name`" + ` | names from the section and its group | programs |
| ` + "`process_num`, `numprocs`" + ` | number of this copy and how many there are | ` + "`command`, `process_name`, `directory`, `environment`" + `, logs with their sizes and backups |

A program's own ` + "`environment`" + ` gives further ` + "`ENV_`" + ` names to its command, name, directory and logs. Log files are expanded
twice, so that a percent sign in their name is written ` + "`%%%%`" + `.

## Types

| type | what it takes |
|---|---|
| boolean | ` + "`true yes on 1` or `false no off 0`" + ` |
| integer | a whole number, ` + "`_`" + ` between digits allowed |
| bytes | an integer, also with ` + "`KB`, `MB` or `GB`" + `, each 1024 of the one before |
| octal | a number in base 8, such as ` + "`022` or `0o22`" + ` |
| level | ` + "`critical error warn info debug trace blather`" + ` |
| signal | a name with or without ` + "`SIG`" + `, or a number |
| exit codes | numbers from 0 to 255 between commas |
| restart | a boolean, or ` + "`unexpected`" + `: only after an exit code that is not in exitcodes |
| file, log | a path whose directory exists; ` + "`~`" + ` is expanded. A log may also be ` + "`AUTO`" + ` (a file that the daemon makes and removes), ` + "`NONE`" + `, or ` + "`syslog@host:514` (`syslog@tcp:host:514`)" + `, a log host that speaks RFC 5424 (not in Supervisor), or several of these between commas (not in Supervisor either, see [logs.md](logs.md)) |
| path | a path; ` + "`~`" + ` is expanded |
| directory | a directory that exists; ` + "`~`" + ` is expanded |
| user | name or number of an account; ` + "`user:group`" + ` may add a group |
| address | ` + "`host:port`, `*:port` or `port`" + ` |
| url | as the option says |
| role | ` + "`read`, `operate` or `admin`" + ` |
| list | names between commas |
| patterns | shell patterns between blanks |
| pairs | ` + "`A=1,B=\"x y\"`" + `: values with anything but letters, digits and ` + "`_/.+-():`" + ` need quotes; quotes and backslashes work as in a shell |
| command | words as a shell splits them, without a shell |
| factory | ` + "`module:function`" + ` |
| text | anything |
`

// WriteReference writes doc/configuration.md.
func WriteReference(w io.Writer) error {
	var b strings.Builder
	b.WriteString(referenceIntro)
	for _, t := range Topics {
		fmt.Fprintf(&b, "\n## %s\n\n", t.Title())
		for _, line := range wrap(t.Help, 118) {
			b.WriteString(line + "\n")
		}
		b.WriteString("\n| option | type | default | meaning |\n|---|---|---|---|\n")
		for _, s := range t.Options {
			fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", s.Name, s.Type, s.referenceDefault(), s.Help)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// referenceDefault shows values as code and words as words.
func (s *Setting) referenceDefault() string {
	if s.Default == "" || strings.Contains(s.Default, " ") {
		return s.Default
	}
	return "`" + s.Default + "`"
}
