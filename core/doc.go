// Package core holds the nouns of HaaS, their rules and their errors: projects, nodes and their NICs, networks,
// switches and their ports, networking actions, headnodes, users. It knows no database, no protocol and no vendor,
// and imports nothing but the standard library.
//
// The nouns carry column tags so that one struct is both the noun and its row. Identifiers are the database's;
// 0 stands for "none". Times are milliseconds since 1970, UTC.
package core
