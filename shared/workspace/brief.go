package workspace

import "encoding/json"

// The briefs (FileBrief, JobBrief, TableBrief) are things as lists show them:
// with what a person wants to know of their relatives, read by a number of
// queries that does not grow with the list.

// jsonList is a list as one argument, for json_each.
func jsonList(ids []string) (string, error) {
	if ids == nil {
		return "[]", nil
	}
	list, err := json.Marshal(ids)
	return string(list), err
}
