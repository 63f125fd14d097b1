// Package client calls the API from Go. It is generated from the API's description; see package openapi.
package client
