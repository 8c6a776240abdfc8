// Package cache is a small memory that programs share through the API: values under names, gone with the daemon. It
// answers to the methods of supervisor_cache. It is also the shortest whole extension there is, to begin one's own
// with: a factory that reads the section, a table of methods, and the methods.
//
//	[rpcinterface:cache]
//	supervisor.rpcinterface_factory = reeve.cache:make
//	max_items = 10000
package cache

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"sync"

	"github.com/reeve-sh/reeve/ext"
)

func init() { ext.Register("reeve.cache:make", New) }

// apiVersion is the version of supervisor_cache whose methods these are.
const apiVersion = "0.2"

// Cache is the guest.
type Cache struct {
	max  int // items that are kept at most
	host ext.Host

	mu    sync.Mutex // guards items
	items map[string]any
}

var _ ext.Methods = (*Cache)(nil)

// New reads the section.
func New(s ext.Section) (ext.Extension, error) {
	if err := s.Only("max_items"); err != nil {
		return nil, err
	}
	c := &Cache{max: 10_000, items: map[string]any{}}
	if text, given := s.Options["max_items"]; given {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			return nil, s.Refuse("max_items", "not a number of items: %q", text)
		}
		c.max = n
	}
	return c, nil
}

// Init keeps the host.
func (c *Cache) Init(h ext.Host) error { c.host = h; return nil }

// Close has nothing to end.
func (c *Cache) Close() error { return nil }

// Methods is the table.
func (c *Cache) Methods() []ext.Method {
	key := "key: A string to use as a cache key"
	return ext.MustTable(c, map[string]ext.Doc{
		"GetAPIVersion": {Help: "Return the version of the API of supervisor_cache that this is.", Result: "version", Access: ext.Read},
		"GetKeys":       {Help: "Return the keys of everything that is kept, in alphabetical order.", Result: "keys", Access: ext.Read},
		"GetCount":      {Help: "Return how many items are kept.", Result: "count", Access: ext.Read},
		"Store":         {Help: "Keep a value under a key.", Params: []string{key, "data: What to keep"}, Access: ext.Operate},
		"Fetch":         {Help: "Return what is kept under a key.", Params: []string{key}, Result: "data", Access: ext.Read},
		"Delete":        {Help: "Forget what is kept under a key, if anything is.", Params: []string{key}, Access: ext.Operate},
		"Clear":         {Help: "Forget everything.", Access: ext.Operate},
	})
}

// GetAPIVersion is the version.
func (c *Cache) GetAPIVersion(ctx context.Context) (string, error) { return apiVersion, c.up(ctx) }

// GetKeys are all keys.
func (c *Cache) GetKeys(ctx context.Context) ([]string, error) {
	if err := c.up(ctx); err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Sorted(maps.Keys(c.items)), nil
}

// GetCount is how many there are.
func (c *Cache) GetCount(ctx context.Context) (int, error) {
	keys, err := c.GetKeys(ctx)
	return len(keys), err
}

// Store keeps a value.
func (c *Cache) Store(ctx context.Context, key string, data any) error {
	if err := c.check(ctx, key); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, there := c.items[key]; !there && len(c.items) >= c.max {
		return ext.Refuse(ext.Failed, "the cache holds %d items already", c.max)
	}
	c.items[key] = data
	return nil
}

// Fetch is a value that is kept.
func (c *Cache) Fetch(ctx context.Context, key string) (any, error) {
	if err := c.check(ctx, key); err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	data, there := c.items[key]
	if !there {
		return nil, ext.Refuse(ext.BadName, "")
	}
	return data, nil
}

// Delete forgets a value.
func (c *Cache) Delete(ctx context.Context, key string) error {
	if err := c.check(ctx, key); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.items, key)
	return nil
}

// Clear forgets all.
func (c *Cache) Clear(ctx context.Context) error {
	if err := c.up(ctx); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.items)
	return nil
}

// check refuses what supervisor_cache refuses.
func (c *Cache) check(ctx context.Context, key string) error {
	if key == "" {
		return ext.Refuse(ext.BadName, "Cache key must be a non-empty string")
	}
	return c.up(ctx)
}

// up refuses on the daemon's way down, as the API's own methods do. It asks the API, so no lock may be held.
func (c *Cache) up(ctx context.Context) error {
	_, err := c.host.Call(ctx, "supervisor.getState")
	return err
}
