package convert

import (
	"context"

	"ret/shared/xmltable"
)

// keep adds a shape to those of its root element, for a recipe.
func (r *run) keep(shape *xmltable.Shape) {
	for _, k := range r.kept {
		if k.RootName() == shape.RootName() || r.job.Options.ByLocalName && k.Root() == shape.Root() {
			k.Merge(shape)
			return
		}
	}
	if !r.job.Options.Merge { // else it has begun with the recipe
		shape = r.job.Options.begin(shape, r.documentOptions())
	}
	r.kept = append(r.kept, shape)
}

// saveLayouts hands over what a recipe keeps: the layouts of the documents of this
// run, and those it knew before and did not meet.
func (r *run) saveLayouts(ctx context.Context) error {
	var layouts []*xmltable.Layout
	met := map[string]bool{}
	for _, shape := range r.kept {
		plan, err := xmltable.Choose(ctx, shape, r.documentOptions())
		if err != nil {
			return err
		}
		layouts = append(layouts, plan.Layout())
		met[shape.RootName()] = true
	}
	for _, l := range r.job.Options.Layouts {
		if !met[l.Root] {
			layouts = append(layouts, l)
		}
	}
	return r.job.Layouts(layouts)
}
