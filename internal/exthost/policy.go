package exthost

import (
	"context"
	"errors"
	"time"

	"github.com/reeve-sh/reeve/ext"
	"github.com/reeve-sh/reeve/internal/service"
)

// patience is how long a guest may think about a start.
const patience = time.Second

// MayStart asks every guest that has a say, in their order; the first no is the answer.
func (g *Guests) MayStart(ctx context.Context, i service.Info) error {
	for _, one := range g.guests() {
		p, ok := one.ext.(ext.Policy)
		if !ok || one.out.Load() {
			continue
		}
		if err := one.mayStart(ctx, p, processOf(&i)); err != nil {
			return err
		}
	}
	return nil
}

// mayStart asks one guest. Its answer is waited for, within bounds, in case it does not come.
func (o *guest) mayStart(ctx context.Context, p ext.Policy, process ext.Process) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	answer := make(chan error, 1)
	asked := o.begin(func() {
		var err error
		if o.fence("MayStart", func() { err = p.MayStart(ctx, process) }) != nil {
			err = nil
		}
		answer <- err
	})
	if !asked {
		return nil
	}
	select {
	case err := <-answer:
		var f *ext.Fault
		if errors.As(err, &f) {
			return errors.New(f.Text)
		}
		return err
	case <-ctx.Done():
		o.house.o.Journal.GuestUndecided(o.conf.Section, process.Namespec())
		return nil
	}
}
