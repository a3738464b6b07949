package engine

import (
	"container/heap"
	"time"
)

// allowed is how many slots of the closed model this loop may use now.
func (l *eventLoop) allowed() int {
	if l.r.plan.Shape == nil {
		return len(l.slots)
	}
	return int(share(uint64(l.r.plan.Allowed(time.Duration(l.now))), l.id, l.of)) * l.r.streams()
}

// nextAllowed is when this loop may use more slots than it does.
func (l *eventLoop) nextAllowed() int64 {
	// share gives this loop one more with so many in all
	more := l.active/l.r.streams()*l.of + l.id + 1
	return int64(l.r.plan.Reach(more, time.Duration(l.now)))
}

// pause gives a slot whose request has ended the next one, at once or after its time to
// think.
func (l *eventLoop) pause(s *slot) {
	pause := l.r.pause()
	if pause == 0 {
		l.proceed(s)
		return
	}
	s.state, s.restUntil = slotThinking, l.now+int64(pause)
	heap.Push(&l.thinking, s)
}

// thinking is the slots that wait for their next request, as a heap by when it is.
type thinking []*slot

func (t thinking) Len() int           { return len(t) }
func (t thinking) Less(i, j int) bool { return t[i].restUntil < t[j].restUntil }
func (t thinking) Swap(i, j int)      { t[i], t[j] = t[j], t[i] }
func (t *thinking) Push(s any)        { *t = append(*t, s.(*slot)) } //nolint:forcetypeassert // only slots are pushed

// Pop implements heap.Interface.
func (t *thinking) Pop() any {
	n := len(*t) - 1
	s := (*t)[n]
	*t = (*t)[:n]
	return s
}

func (t *thinking) pop() *slot { return heap.Pop(t).(*slot) } //nolint:forcetypeassert // only slots are pushed
