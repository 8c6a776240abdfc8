// Package config adds, changes and removes programs while the daemon runs.
package config
