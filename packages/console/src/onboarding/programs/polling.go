// Prints what this agent is sent, and says that it has it. Needs Go 1.18 or newer.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

type message struct{ Sender, Message, Receipt string }

func ask(method, path string, body, answer any) error {
	data, err := json.Marshal(body)
	if err != nil {
		return err
	}
	request, err := http.NewRequest(method, "REGISTRY_ORIGIN/api/v1"+path, bytes.NewReader(data))
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer AGENT_KEY")
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(response.Body)
		return fmt.Errorf("%d: %s", response.StatusCode, text)
	}
	return json.NewDecoder(response.Body).Decode(answer)
}

func fetch() error {
	var messages []message
	if err := ask("GET", "/inbox?wait=30", nil, &messages); err != nil {
		return err
	}
	for _, m := range messages {
		fmt.Printf("%s: %q\n", m.Sender, m.Message)
		// Do something with it here. What is not acknowledged comes again after a minute.
		done := map[string][]string{"receipts": {m.Receipt}}
		if err := ask("POST", "/inbox/ack", done, &struct{}{}); err != nil {
			return err
		}
	}
	return nil
}

func main() {
	for {
		if err := fetch(); err != nil {
			fmt.Println(err)
			time.Sleep(5 * time.Second)
		}
	}
}
