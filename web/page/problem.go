package page

// problemTexts holds a title and a sentence for the statuses that RET sends.
var problemTexts = map[int][2]string{
	400: {"That request makes no sense", "Something in the address or the form is wrong. Go back and try again."},
	401: {"Please sign in", "This page belongs to a session, and nobody is signed in here."},
	403: {"Not for this account", "Only administrators may see this page."},
	404: {"Nothing is here", "It does not exist, it was deleted, or it belongs to someone else."},
	405: {"That cannot be done here", "The page does not take this kind of request."},
	409: {"That does not fit any more", "It has changed in the meantime. Load the page again and look."},
	413: {"Too large", "The upload is over the limit of this server. Nothing of it was kept."},
	429: {"Too many requests", "Please wait a minute and try again."},
	500: {"Something broke inside RET", "It is not your fault, and what you had is still there. Please try again."},
	503: {"Not available now", "A part of RET does not work right now. Please try again in a minute."},
	507: {"No space left", "The server's disk is full. Nothing half-written was kept. Delete files you no longer need, or tell whoever runs this server."},
}

func problemTitle(status int) string {
	if t, ok := problemTexts[status]; ok {
		return t[0]
	}
	return "That did not work"
}

func problemDetail(v ProblemView) string {
	if v.Detail != "" {
		return v.Detail
	}
	if t, ok := problemTexts[v.Status]; ok {
		return t[1]
	}
	return "Please go back and try again."
}
