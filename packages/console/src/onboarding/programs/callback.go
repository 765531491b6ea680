// Takes callbacks, and refuses what is forged or old. Needs Go 1.18 or newer.
package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"math"
	"net/http"
	"strconv"
	"sync"
	"time"
)

const secret = "CALLBACK_SECRET"

var seen sync.Map

func isGenuine(header http.Header, body []byte) bool {
	timestamp := header.Get("X-Mahilo-Timestamp")
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil || math.Abs(float64(time.Now().Unix()-seconds)) > 300 {
		return false
	}
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(timestamp + "."))
	mac.Write(body)
	expected := "sha256=" + hex.EncodeToString(mac.Sum(nil))
	return hmac.Equal([]byte(expected), []byte(header.Get("X-Mahilo-Signature")))
}

func take(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
	if err != nil || !isGenuine(r.Header, body) {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	var message struct {
		ID              string `json:"message_id"`
		Sender, Message string
	}
	if json.Unmarshal(body, &message) != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	if _, isKnown := seen.LoadOrStore(message.ID, true); !isKnown { // a store that outlives this program is better
		fmt.Printf("%s: %q\n", message.Sender, message.Message)
		// Do something with it here, but answer first what takes long.
	}
}

func main() {
	log.Fatal(http.ListenAndServe(":CALLBACK_PORT", http.HandlerFunc(take)))
}
