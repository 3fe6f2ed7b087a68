// A server on github.com/go-oauth2/oauth2, as its own example sets it up, on a free loopback port.
//
// It approves whoever asks, knows one confidential and one public client, and has no metadata. Prints one line of JSON as
// soon as it can be connected to, and ends with its standard input, so that it never outlives whoever started it.
package main

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"

	"github.com/go-oauth2/oauth2/v4/manage"
	"github.com/go-oauth2/oauth2/v4/models"
	"github.com/go-oauth2/oauth2/v4/server"
	"github.com/go-oauth2/oauth2/v4/store"
)

const redirectOrigin = "http://127.0.0.1:7654"

func main() {
	clients := store.NewClientStore()
	clients.Set("app", &models.Client{ID: "app", Secret: "secret-of-app", Domain: redirectOrigin})
	clients.Set("other", &models.Client{ID: "other", Domain: redirectOrigin, Public: true})

	manager := manage.NewDefaultManager()
	manager.MustTokenStorage(store.NewMemoryTokenStore())
	manager.MapClientStorage(clients)

	auth := server.NewDefaultServer(manager)
	auth.SetClientInfoHandler(func(r *http.Request) (string, string, error) {
		if _, _, ok := r.BasicAuth(); ok {
			return server.ClientBasicHandler(r)
		}
		return r.FormValue("client_id"), r.FormValue("client_secret"), nil
	})
	auth.SetUserAuthorizationHandler(func(http.ResponseWriter, *http.Request) (string, error) { return "alice", nil })

	http.HandleFunc("/authorize", func(w http.ResponseWriter, r *http.Request) {
		if err := auth.HandleAuthorizeRequest(w, r); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
		}
	})
	http.HandleFunc("/token", func(w http.ResponseWriter, r *http.Request) { auth.HandleTokenRequest(w, r) })
	http.HandleFunc("/resource", func(w http.ResponseWriter, r *http.Request) {
		if _, err := auth.ValidationBearerToken(r); err != nil {
			http.Error(w, err.Error(), http.StatusUnauthorized)
		}
	})

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	json.NewEncoder(os.Stdout).Encode(map[string]string{"issuer": "http://" + listener.Addr().String()})
	go func() {
		io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	http.Serve(listener, nil)
}
