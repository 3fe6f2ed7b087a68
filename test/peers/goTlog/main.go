// What others wrote for transparency logs, for a log to be tried against: a witness on
// github.com/transparency-dev/witness, an agent that holds the key of torchwood's litewitness, and readers of tiles on
// filippo.io/torchwood and github.com/transparency-dev/tessera.
//
// Whatever serves prints one line of JSON as soon as it can be connected to, and ends with its standard input, so that it
// never outlives whoever started it.
package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"

	"filippo.io/torchwood"
	fnote "github.com/transparency-dev/formats/note"
	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"github.com/transparency-dev/tessera/client"
	"github.com/transparency-dev/witness/persistence/inmemory"
	"github.com/transparency-dev/witness/witness"
	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func must[T any](value T, err error) T {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	return value
}

func say(value any) { json.NewEncoder(os.Stdout).Encode(value) }

func endWithInput() {
	io.Copy(io.Discard, os.Stdin)
	os.Exit(0)
}

// serveWitness takes the name of the witness, the kind of its key, and the verifier key of the one log that it knows.
func serveWitness(name, algorithm, logKey string) {
	verifier := must(note.NewVerifier(logKey))
	var signer note.Signer
	var vkey string
	if algorithm == "ml-dsa-44" {
		skey, public, err := fnote.GenerateMLDSAKey(name)
		vkey = must(public, err)
		signer = must(fnote.NewMLDSASigner(skey))
	} else {
		skey, public, err := note.GenerateKey(rand.Reader, name)
		vkey = must(fnote.VKeyToCosignatureV1(must(public, err)))
		signer = must(fnote.NewSignerForCosignatureV1(skey))
	}
	own := must(witness.New(context.Background(), witness.Opts{
		Persistence: inmemory.New(),
		Signers:     []note.Signer{signer},
		VerifierForLog: func(_ context.Context, origin string) (note.Verifier, bool, error) {
			return verifier, origin == verifier.Name(), nil
		},
	}))
	http.HandleFunc("POST /add-checkpoint", witness.NewHTTPHandler(own).AddCheckpoint)
	listener := must(net.Listen("tcp", "127.0.0.1:0"))
	say(map[string]string{"url": "http://" + listener.Addr().String(), "vkey": vkey})
	go endWithInput()
	http.Serve(listener, nil)
}

// serveAgent holds one new key at a socket, as ssh-agent does.
func serveAgent(socket string) {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	must(public, err)
	ring := agent.NewKeyring()
	must(0, ring.Add(agent.AddedKey{PrivateKey: private}))
	listener := must(net.Listen("unix", socket))
	verifier := must(torchwood.NewCosignatureVerifierFromKey(os.Args[3], public))
	say(map[string]string{
		"fingerprint": ssh.FingerprintSHA256(must(ssh.NewPublicKey(public))),
		"vkey":        verifier.String(),
	})
	go endWithInput()
	for {
		go agent.ServeAgent(ring, must(listener.Accept()))
	}
}

type leaf struct {
	Index int64  `json:"index"`
	Hash  string `json:"hash"`
}

type head struct {
	Size int64  `json:"size"`
	Root string `json:"root"`
}

type question struct {
	Prefix string `json:"prefix"`
	LogKey string `json:"logKey"`
	Policy string `json:"policy"`
	Leaves []leaf `json:"leaves"`
	Old    head   `json:"old"`
}

func hash(text string) (found tlog.Hash) {
	copy(found[:], must(base64.RawURLEncoding.DecodeString(text)))
	return
}

// readByTorchwood verifies the checkpoint by a policy (C2SP tlog-policy), the leaves, and that the old tree is continued.
func readByTorchwood(asked question) tlog.Tree {
	ctx := context.Background()
	fetcher := must(torchwood.NewTileFetcher(asked.Prefix))
	policy := must(torchwood.ParsePolicy([]byte(asked.Policy)))
	signed := must(fetcher.ReadEndpoint(ctx, "checkpoint"))
	checkpoint, _, err := torchwood.VerifyCheckpoint(signed, policy)
	tree := must(checkpoint, err).Tree
	hashes := torchwood.TileHashReaderWithContext(ctx, tree, fetcher)
	for _, one := range asked.Leaves {
		included := must(tlog.ProveRecord(tree.N, one.Index, hashes))
		must(0, tlog.CheckRecord(included, tree.N, tree.Hash, one.Index, hash(one.Hash)))
	}
	continued := must(tlog.ProveTree(tree.N, asked.Old.Size, hashes))
	must(0, tlog.CheckTree(continued, tree.N, tree.Hash, asked.Old.Size, hash(asked.Old.Root)))
	return tree
}

// readByTessera verifies the same by other tiles, proofs and hashes.
func readByTessera(asked question) uint64 {
	ctx := context.Background()
	fetcher := must(client.NewHTTPFetcher(must(url.Parse(asked.Prefix)), nil))
	verifier := must(note.NewVerifier(asked.LogKey))
	checkpoint, _, _, err := client.FetchCheckpoint(ctx, fetcher.ReadCheckpoint, verifier, verifier.Name())
	latest := must(checkpoint, err)
	builder := must(client.NewProofBuilder(ctx, latest.Size, fetcher.ReadTile))
	for _, one := range asked.Leaves {
		leafHash := hash(one.Hash)
		included := must(builder.InclusionProof(ctx, uint64(one.Index)))
		index := uint64(one.Index)
		must(0, proof.VerifyInclusion(rfc6962.DefaultHasher, index, latest.Size, leafHash[:], included, latest.Hash))
	}
	oldSize, oldRoot := uint64(asked.Old.Size), hash(asked.Old.Root)
	continued := must(builder.ConsistencyProof(ctx, oldSize, latest.Size))
	must(0, proof.VerifyConsistency(rfc6962.DefaultHasher, oldSize, latest.Size, continued, oldRoot[:], latest.Hash))
	all := must(client.FetchLeafHashes(ctx, fetcher.ReadTile, 0, latest.Size, latest.Size))
	for _, one := range asked.Leaves {
		leafHash := hash(one.Hash)
		if !bytes.Equal(all[one.Index], leafHash[:]) {
			must(0, fmt.Errorf("leaf %d is another", one.Index))
		}
	}
	return latest.Size
}

func main() {
	switch os.Args[1] {
	case "witness":
		serveWitness(os.Args[2], os.Args[3], os.Args[4])
	case "agent":
		serveAgent(os.Args[2])
	case "read":
		var asked question
		must(0, json.NewDecoder(os.Stdin).Decode(&asked))
		tree := readByTorchwood(asked)
		root := base64.RawURLEncoding.EncodeToString(tree.Hash[:])
		say(map[string]any{"torchwood": tree.N, "tessera": readByTessera(asked), "root": root})
	}
}
