package turns

import "context"

// Sole lets one job at a time do something that others do as well. Who waits for it
// holds no place meanwhile: whoever is at it may have handed its own over, and would
// never be given one again if all were held by those who wait. Its zero value is not
// ready; it may be used concurrently.
type Sole struct{ taken chan struct{} }

// NewSole is free.
func NewSole() Sole { return Sole{make(chan struct{}, 1)} }

// Begin returns when the caller alone is at it, with what ends that, or with ctx's error.
// outside is Place.Outside, or of its kind: it is called if somebody else is at it.
func (s Sole) Begin(ctx context.Context, outside func(ctx context.Context, do func() error) error) (end func(), err error) {
	end = func() { <-s.taken }
	select {
	case s.taken <- struct{}{}:
		return end, nil
	default:
	}
	mine := false
	err = outside(ctx, func() error {
		select {
		case s.taken <- struct{}{}:
			mine = true
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	})
	if err != nil && mine { // but without a place
		end()
	}
	return end, err
}
