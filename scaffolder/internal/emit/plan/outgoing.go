package plan

import (
	"github.com/senior-backend/toolkit/scaffolder/internal/api"
)

// Outgoing is a request that the API sends: a webhook or a callback. RequestType
// is the type of the message.
type Outgoing struct {
	*Operation
	Origin string // what it is, for a person
}

// nameOutgoing names the functions that send webhooks and callbacks.
func (p *Plan) nameOutgoing(types *names) {
	functions := newNames("deliver", "Delivery")
	add := func(operation *api.Operation, name, origin string) {
		if name == "" {
			name = "message"
		}
		function := functions.unique("send"+pascal(name), "")
		planned := &Operation{Operation: operation, Name: function, Parts: ParsePath("/")}
		planned.RequestType = types.unique(pascal(name)+"Message", "")
		p.Outgoing = append(p.Outgoing, &Outgoing{Operation: planned, Origin: origin})
	}
	for _, webhook := range p.API.Webhooks {
		name := webhook.ID
		if pascal(name) == "" {
			name = webhook.Path
		}
		add(webhook, name, "Webhook "+webhook.Path+".")
	}
	for _, operation := range p.Operations {
		for _, callback := range operation.Callbacks {
			for _, sent := range callback.Operations {
				name := sent.ID
				if pascal(name) == "" {
					name = operation.Name + " " + callback.Name
				}
				add(sent, name, "Callback "+callback.Name+" of "+operation.Name+", to "+callback.Expression+".")
			}
		}
	}
}
