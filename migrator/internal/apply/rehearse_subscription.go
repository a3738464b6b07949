package apply

import (
	"context"
	"errors"

	"github.com/lib/pq"

	"github.com/senior-backend/toolkit/migrator/internal/migration"
	"github.com/senior-backend/toolkit/migrator/internal/script"
)

const codeNoPrivilege = "42501"

// unproved is what a copy cannot say about a subscription: to ask the publisher
// would be to make a slot there.
const unproved = "tried with connect = false, so that nobody was reached: its form, options and connection string hold; " +
	"that the publisher answers, has these publications and room for the slot, and that its tables fit the ones here, is not proved"

// isSubscription says that a statement makes a subscription.
func isSubscription(step migration.Step) bool {
	_, makes := step.Subscription()
	return makes
}

// try runs a statement on the clone, inside a transaction.
func (c *clone) try(ctx context.Context, into *Observation) (rows int64, note string, err error) {
	made, isOne := into.Step.Subscription()
	switch {
	case !isOne:
		rows, err = c.session.count(ctx, into.Step)
		return rows, "", err
	case made.MakesSlot:
		return 0, "", &pq.Error{Severity: "ERROR", Code: codeInTransaction, Message: "CREATE SUBSCRIPTION ... WITH (create_slot = true) cannot run inside a transaction block"}
	}
	note, err = c.subscribe(ctx, into.Step, made)
	return 0, note, err
}

// tryAlone runs a statement on the clone, outside a transaction.
func (c *clone) tryAlone(ctx context.Context, into *Observation, pinned bool) (rows int64, note string, err error) {
	made, isOne := into.Step.Subscription()
	if !isOne {
		rows, err = c.pinned(ctx, into, pinned)
		return rows, "", err
	}
	note, err = c.subscribe(ctx, into.Step, made)
	return 0, note, err
}

// subscribe tries a CREATE SUBSCRIPTION without reaching the publisher and takes
// the subscription away again, since a database that has one cannot be dropped.
// What needs it later finds it as skipped.
func (c *clone) subscribe(ctx context.Context, step migration.Step, made script.Subscription) (note string, err error) {
	step.Text = made.Unconnected
	if _, err := c.session.count(ctx, step); err != nil {
		return "", err
	}
	c.skipped = step.Number
	if made.Connects {
		note = unproved
	}
	// Without a slot's name nobody is asked to drop a slot.
	err = c.session.exec(ctx, "ALTER SUBSCRIPTION "+made.Name+" SET (slot_name = NONE)")
	return note, errors.Join(err, c.session.exec(ctx, "DROP SUBSCRIPTION "+made.Name))
}
