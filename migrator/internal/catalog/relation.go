package catalog

import (
	"fmt"

	"github.com/senior-backend/toolkit/migrator/internal/schema"
)

type relationRow struct {
	head
	Kind          string
	Persistence   string
	Options       []string
	ToastOptions  []string `json:"toast_options"`
	Method        string
	Tablespace    string
	RowSecurity   bool `json:"row_security"`
	ForceSecurity bool `json:"force_security"`
	Replica       string
	ReplicaIndex  string `json:"replica_index"`
	Clustered     string
	PartitionKey  string `json:"partition_key"`
	Bound         string
	Parents       []int64
	OfType        int64 `json:"of_type"`
	RowType       int64 `json:"row_type"`
	Server        string
	ForeignOpts   []string `json:"foreign_options"`
	Query         string
	Populated     bool
	Rows          float64
	Bytes         int64
}

const relationQuery = `
SELECT c.oid::int8, n.nspname AS schema, c.relname AS name, c.relkind::text AS kind, c.relpersistence::text AS persistence,
	pg_catalog.pg_get_userbyid(c.relowner) AS owner, c.relacl::text[] AS acl, pg_catalog.acldefault('r', c.relowner)::text[] AS acldefault,
	c.reloptions AS options, t.reloptions AS toast_options, coalesce(nullif(am.amname, 'heap'), '') AS method,
	coalesce(ts.spcname, '') AS tablespace, c.relrowsecurity AS row_security, c.relforcerowsecurity AS force_security,
	c.relreplident::text AS replica, coalesce(ri.relname, '') AS replica_index, coalesce(ci.relname, '') AS clustered,
	CASE WHEN c.relkind = 'p' THEN pg_catalog.pg_get_partkeydef(c.oid) ELSE '' END AS partition_key,
	CASE WHEN c.relispartition THEN pg_catalog.pg_get_expr(c.relpartbound, c.oid) ELSE '' END AS bound,
	p.parents, c.reloftype::int8 AS of_type, c.reltype::int8 AS row_type, coalesce(sv.srvname, '') AS server, ft.ftoptions AS foreign_options,
	CASE WHEN c.relkind IN ('v', 'm') THEN pg_catalog.pg_get_viewdef(c.oid) ELSE '' END AS query,
	c.relispopulated AS populated, c.reltuples AS rows,
	CASE WHEN c.relkind IN ('r', 'm') THEN coalesce(pg_catalog.pg_total_relation_size(c.oid), 0) ELSE 0 END AS bytes
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_class t ON t.oid = c.reltoastrelid
LEFT JOIN pg_catalog.pg_am am ON am.oid = c.relam
LEFT JOIN pg_catalog.pg_tablespace ts ON ts.oid = c.reltablespace
LEFT JOIN pg_catalog.pg_foreign_table ft ON ft.ftrelid = c.oid
LEFT JOIN pg_catalog.pg_foreign_server sv ON sv.oid = ft.ftserver
LEFT JOIN (SELECT i.indrelid, ic.relname FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid WHERE i.indisreplident) ri ON ri.indrelid = c.oid
LEFT JOIN (SELECT i.indrelid, ic.relname FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid WHERE i.indisclustered) ci ON ci.indrelid = c.oid
LEFT JOIN (SELECT inhrelid, array_agg(inhparent::int8 ORDER BY inhseqno) AS parents FROM pg_catalog.pg_inherits GROUP BY 1) p ON p.inhrelid = c.oid
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'c') AND c.oid >= 16384 AND ` + userSchemas

func (r *reader) relations() error {
	found, err := rows[relationRow](r, relationQuery)
	if err != nil {
		return fmt.Errorf("relations: %w", err)
	}
	for _, c := range found {
		if r.isMember("pg_class", c.Oid) {
			continue
		}
		kind := relationKinds[c.Kind]
		id := schema.ID{Kind: kind, Schema: c.Schema, Name: c.Name}
		r.ids[address{class: "pg_class", oid: c.Oid}] = id
		r.ids[address{class: "pg_type", oid: c.RowType}] = id
	}
	for _, c := range found {
		if r.isMember("pg_class", c.Oid) || c.Kind == "c" {
			continue // composite types come with the types
		}
		if err := r.add("pg_class", c.Oid, r.relation(c)); err != nil {
			return err
		}
	}
	return nil
}

var relationKinds = map[string]schema.Kind{
	"r": schema.KindTable, "p": schema.KindTable, "f": schema.KindForeignTable,
	"v": schema.KindView, "m": schema.KindMaterialized, "c": schema.KindComposite,
}

var replicaNames = map[string]string{"d": "default", "n": "nothing", "f": "full", "i": "index"}

func (r *reader) relation(c relationRow) schema.Object {
	common := c.common(relationKinds[c.Kind], r.schema.Role)
	if c.Query != "" {
		return &schema.View{
			Head: common, Query: trimQuery(c.Query), Options: c.Options, AccessMethod: c.Method, Populated: c.Populated,
			Unlogged: c.Persistence == "u", ClusterOn: c.Clustered, Rows: c.Rows, Bytes: c.Bytes,
		}
	}
	table := &schema.Table{
		Head: common, Unlogged: c.Persistence == "u", PartitionKey: c.PartitionKey, Bound: c.Bound,
		Options: c.Options, ToastOptions: c.ToastOptions, AccessMethod: c.Method, Tablespace: c.Tablespace,
		RowSecurity: c.RowSecurity, ForceSecurity: c.ForceSecurity, Replica: replicaNames[c.Replica],
		ReplicaIndex: c.ReplicaIndex, ClusterOn: c.Clustered, Server: c.Server, ForeignOpts: c.ForeignOpts,
		Rows: c.Rows, Bytes: c.Bytes,
	}
	if table.Replica == "index" && table.ReplicaIndex == "" {
		table.Replica = "default" // the index is gone: so pg_dump has it
	}
	if c.OfType != 0 {
		table.OfType = r.ids[address{class: "pg_type", oid: c.OfType}]
	}
	for _, parent := range c.Parents {
		id := r.ids[address{class: "pg_class", oid: parent}]
		if c.Bound != "" {
			table.PartitionOf = id
		} else {
			table.Inherits = append(table.Inherits, id)
		}
	}
	return table
}

// trimQuery takes off the semicolon that pg_get_viewdef ends with.
func trimQuery(query string) string {
	for len(query) > 0 && (query[len(query)-1] == ';' || query[len(query)-1] == '\n' || query[len(query)-1] == ' ') {
		query = query[:len(query)-1]
	}
	return query
}
