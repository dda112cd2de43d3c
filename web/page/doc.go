// Package page renders RET's pages: templ components over plain view models.
//
// The server renders them for a request, the live hub renders single components
// as fragments, and the browser's worker renders the same components from its
// replica. So the package knows no request, no database and no clock: a view
// model goes in, HTML comes out, and equal view models give equal bytes. Moments
// are UTC; what depends on the time of day is computed from a moment passed in.
// All text of a view model is escaped; nothing in it may be HTML.
//
// Components and functions hold no state and may be used concurrently.
//
// # Where things are
//
// Each page is a component over a Frame and its own view: SignIn, SignedOut,
// SignOut, Workbench, Look, Jobs, JobDetail, TableDetail, Search, Query, Ask, AccountPage, the Admin…
// pages and Problem. fragment.go tells which components a committed change
// replaces. action.go holds the words of the forms.
//
// # Forms
//
// Every form posts to the page it stands on and carries its word in the field
// "action"; the server does it and answers with a redirect to the same page.
// Fields in brackets may be missing. A field marked + may repeat.
//
//	page            action          fields
//	/login          –               username, password, [next]
//	/logout         –               [everywhere=1]
//	/               upload          multipart: [convert=1], merge=0|1, [record],
//	                                [max_repeat], [keep_partial=1], then file+
//	/               sample          –
//	/               end-tour        –
//	/               convert         file, and the options of upload if given
//	/               delete-file     file
//	/               download        table+, format=csv|xlsx
//	/               delete-tables   table+
//	/files/{id}     convert         the options of upload if given, and
//	                                [record_path], [format], [bom=1], [crlf=1],
//	                                [excel_safe=1]
//	/files/{id}     recipe          multipart: recipe, a file
//	/files/{id}     look            [document], and the options of convert
//	/               merge           class, in merge: documents alike that get shared tables
//	/               show            q: tables whose name or source contains it
//	/jobs           show            state, q: jobs that read a file whose name contains it
//	/tables/{id}    show            see TableQuery
//	/search         show            q
//	/search         consent         endpoint, as the page names it
//	/search         withdraw        –
//	/ask            ask             question
//	/ask            consent         endpoint, as the page names it
//	/ask            withdraw        –
//	/ask            cancel, retry   job
//	/query          show            sql: a statement to answer
//	/query          download        sql
//	/query          save-table      sql, [name]
//	/ /jobs /jobs/{id}  cancel      job
//	/ /jobs /jobs/{id}  retry       job
//	/account        password        old, new, again
//	/account        end-session     session
//	/account        end-others      –
//	/admin/users    add-user        name, role, password
//	/admin/users    set-role        user, role
//	/admin/users    lock, unlock    user
//	/admin/users    reset           user
//	/admin/users    remove          user
//	/admin/sessions end-session     session
//
// In the upload form "action" and the options come before the files, so a server
// that streams knows what to do when the first byte of a file arrives.
//
// What a page shows stands in its address, in the parameter view, such that it tells
// nothing: browsers write addresses down, see Addresses. As they are, these are
// understood too:
//
//	/               q               tables whose name or source contains q
//	/               group, after    one group of tables, further down; [sort], [class]
//	/               files           all files; [files_sort], [files_named]
//	/files/{id}     [document], and the options of convert
//	/jobs           state, q, after
//	/jobs/{id}      only=failed, after
//	/tables/{id}    see TableQuery
//	/tables/{id}/rows/{n}  [column], [xml=1]: see RowQuery
//	/search         q
//	/admin/audit    who, after
//	/login          next; ended=logout|expired|revoked|unknown: why a session is no more
//
// # Live pages
//
// Elements that change while a page is open have ids made in ids.go. A list that
// takes new elements says so itself: data-order tells how its elements, which
// carry data-place, are sorted, data-limit how many it shows, data-only which
// data-state it admits.
package page
