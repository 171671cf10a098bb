// go-load URL REQUESTS CONCURRENCY KEEPALIVE(on|off): that many GETs over net/http, one goroutine per request in flight,
// each body read to its end and closed. Prints how many had a whole response with status 200.
package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
)

func main() {
	if len(os.Args) != 5 {
		fmt.Fprintln(os.Stderr, "usage: go-load URL REQUESTS CONCURRENCY on|off")
		os.Exit(64)
	}
	url := os.Args[1]
	requests, _ := strconv.ParseInt(os.Args[2], 10, 64)
	concurrency, _ := strconv.Atoi(os.Args[3])
	client := &http.Client{Transport: &http.Transport{
		MaxIdleConns:        0,
		MaxIdleConnsPerHost: concurrency,
		MaxConnsPerHost:     concurrency,
		DisableKeepAlives:   os.Args[4] == "off",
		DisableCompression:  true,
	}}
	var left, succeeded int64 = requests, 0
	var tasks sync.WaitGroup
	for i := 0; i < concurrency; i++ {
		tasks.Add(1)
		go func() {
			defer tasks.Done()
			for atomic.AddInt64(&left, -1) >= 0 {
				response, err := client.Get(url)
				if err != nil {
					fmt.Fprintln(os.Stderr, err)
					continue
				}
				_, err = io.Copy(io.Discard, response.Body)
				response.Body.Close()
				if err == nil && response.StatusCode == 200 {
					atomic.AddInt64(&succeeded, 1)
				}
			}
		}()
	}
	tasks.Wait()
	fmt.Println(succeeded)
}
