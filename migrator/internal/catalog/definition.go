package catalog

import (
	"fmt"
	"strings"

	"github.com/senior-backend/toolkit/migrator/internal/schema"
)

type definitionRow struct {
	head
	Class    string
	Kind     string
	Parent   string
	Args     string
	Create   []string
	Settings []string
	Drop     string
	Label    string
}

// definitionColumns are the columns that each of the queries below yields.
// %I quotes only where it must, so that the statements read well.
const definitionColumns = `class, oid, kind, schema, parent, name, args, owner, acl, acldefault, "create", settings, "drop", label`

// definitionTypes is a query of no rows that tells the types of these columns:
// of the NULLs of the others the server would make text, and find no array.
const definitionTypes = `SELECT ''::text, 0::int8, ''::text, ''::text, ''::text, ''::text, ''::text, ''::text, NULL::text[], NULL::text[], NULL::text[], NULL::text[], ''::text, ''::text WHERE false`

// options deparses a column of options, as foreign servers have them.
func options(column string) string {
	return `coalesce((SELECT ' OPTIONS (' || pg_catalog.string_agg(pg_catalog.quote_ident(o.option_name) || ' ' || pg_catalog.quote_literal(o.option_value), ', ') || ')' FROM pg_catalog.pg_options_to_table(` + column + `) o), '')`
}

// definitionQueries read the kinds of object that are made and unmade as a
// whole. They run as one query.
var definitionQueries = []string{
	`SELECT 'pg_collation', c.oid::int8, 'collation', n.nspname, '', c.collname, '', pg_catalog.pg_get_userbyid(c.collowner), NULL::text[], NULL::text[],
	ARRAY[pg_catalog.format('CREATE COLLATION %I.%I (%s)', n.nspname, c.collname, pg_catalog.concat_ws(', ',
		'provider = ' || CASE c.collprovider WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' ELSE 'libc' END,
		CASE WHEN NOT c.collisdeterministic THEN 'deterministic = false' END,
		'locale = ' || pg_catalog.quote_literal(CASE WHEN c.collprovider = 'c' AND c.collcollate = c.collctype OR «collocale» IS NULL AND c.collcollate = c.collctype THEN c.collcollate ELSE «collocale» END),
		CASE WHEN c.collcollate <> c.collctype THEN 'lc_collate = ' || pg_catalog.quote_literal(c.collcollate) END,
		CASE WHEN c.collcollate <> c.collctype THEN 'lc_ctype = ' || pg_catalog.quote_literal(c.collctype) END,
		'rules = ' || pg_catalog.quote_literal(«colrules»)))], NULL::text[],
	pg_catalog.format('DROP COLLATION %I.%I', n.nspname, c.collname), pg_catalog.format('COLLATION %I.%I', n.nspname, c.collname)
	FROM pg_catalog.pg_collation c JOIN pg_catalog.pg_namespace n ON n.oid = c.collnamespace WHERE c.oid >= 16384 AND ` + userSchemas,

	`SELECT 'pg_conversion', c.oid::int8, 'conversion', n.nspname, '', c.conname, '', pg_catalog.pg_get_userbyid(c.conowner), NULL, NULL,
	ARRAY[pg_catalog.format('CREATE %sCONVERSION %I.%I FOR %L TO %L FROM %s', CASE WHEN c.condefault THEN 'DEFAULT ' ELSE '' END, n.nspname, c.conname,
		pg_catalog.pg_encoding_to_char(c.conforencoding), pg_catalog.pg_encoding_to_char(c.contoencoding), c.conproc)], NULL,
	pg_catalog.format('DROP CONVERSION %I.%I', n.nspname, c.conname), pg_catalog.format('CONVERSION %I.%I', n.nspname, c.conname)
	FROM pg_catalog.pg_conversion c JOIN pg_catalog.pg_namespace n ON n.oid = c.connamespace WHERE c.oid >= 16384 AND ` + userSchemas,

	`SELECT 'pg_operator', o.oid::int8, 'operator', n.nspname, '', o.oprname, coalesce(pg_catalog.format_type(nullif(o.oprleft, 0), NULL), 'NONE') || ', ' || coalesce(pg_catalog.format_type(nullif(o.oprright, 0), NULL), 'NONE'),
	pg_catalog.pg_get_userbyid(o.oprowner), NULL, NULL,
	ARRAY[pg_catalog.format(E'CREATE OPERATOR %I.%s (\n    %s\n)', n.nspname, o.oprname, pg_catalog.concat_ws(E',\n    ', 'FUNCTION = ' || o.oprcode,
		'LEFTARG = ' || pg_catalog.format_type(nullif(o.oprleft, 0), NULL), 'RIGHTARG = ' || pg_catalog.format_type(nullif(o.oprright, 0), NULL),
		'COMMUTATOR = OPERATOR(' || pg_catalog.quote_ident(cn.nspname) || '.' || co.oprname || ')', 'NEGATOR = OPERATOR(' || pg_catalog.quote_ident(gn.nspname) || '.' || ng.oprname || ')',
		CASE WHEN o.oprrest::oid <> 0 THEN 'RESTRICT = ' || o.oprrest END, CASE WHEN o.oprjoin::oid <> 0 THEN 'JOIN = ' || o.oprjoin END,
		CASE WHEN o.oprcanhash THEN 'HASHES' END, CASE WHEN o.oprcanmerge THEN 'MERGES' END))], NULL,
	pg_catalog.format('DROP OPERATOR %I.%s (%s, %s)', n.nspname, o.oprname, coalesce(pg_catalog.format_type(nullif(o.oprleft, 0), NULL), 'NONE'), coalesce(pg_catalog.format_type(nullif(o.oprright, 0), NULL), 'NONE')),
	pg_catalog.format('OPERATOR %I.%s (%s, %s)', n.nspname, o.oprname, coalesce(pg_catalog.format_type(nullif(o.oprleft, 0), NULL), 'NONE'), coalesce(pg_catalog.format_type(nullif(o.oprright, 0), NULL), 'NONE'))
	FROM pg_catalog.pg_operator o JOIN pg_catalog.pg_namespace n ON n.oid = o.oprnamespace
	LEFT JOIN pg_catalog.pg_operator co ON co.oid = o.oprcom LEFT JOIN pg_catalog.pg_namespace cn ON cn.oid = co.oprnamespace
	LEFT JOIN pg_catalog.pg_operator ng ON ng.oid = o.oprnegate LEFT JOIN pg_catalog.pg_namespace gn ON gn.oid = ng.oprnamespace
	WHERE o.oid >= 16384 AND o.oprcode::oid <> 0 AND ` + userSchemas,

	`SELECT 'pg_proc', p.oid::int8, 'aggregate', n.nspname, '', p.proname, CASE WHEN p.pronargs = 0 THEN '*' ELSE pg_catalog.pg_get_function_identity_arguments(p.oid) END,
	pg_catalog.pg_get_userbyid(p.proowner), p.proacl::text[], pg_catalog.acldefault('f', p.proowner)::text[],
	ARRAY[pg_catalog.format(E'CREATE AGGREGATE %I.%I(%s) (\n    %s\n)', n.nspname, p.proname, CASE WHEN p.pronargs = 0 THEN '*' ELSE pg_catalog.pg_get_function_arguments(p.oid) END,
		pg_catalog.concat_ws(E',\n    ', 'SFUNC = ' || a.aggtransfn, 'STYPE = ' || pg_catalog.format_type(a.aggtranstype, NULL),
		CASE WHEN a.aggtransspace <> 0 THEN 'SSPACE = ' || a.aggtransspace END, 'INITCOND = ' || pg_catalog.quote_literal(a.agginitval),
		CASE WHEN a.aggfinalfn::oid <> 0 THEN 'FINALFUNC = ' || a.aggfinalfn END, CASE WHEN a.aggfinalextra THEN 'FINALFUNC_EXTRA' END,
		CASE WHEN a.aggfinalfn::oid <> 0 AND a.aggfinalmodify <> CASE WHEN a.aggkind = 'n' THEN 'r' ELSE 'w' END THEN 'FINALFUNC_MODIFY = ' || CASE a.aggfinalmodify WHEN 'r' THEN 'READ_ONLY' WHEN 's' THEN 'SHAREABLE' ELSE 'READ_WRITE' END END,
		CASE WHEN a.aggcombinefn::oid <> 0 THEN 'COMBINEFUNC = ' || a.aggcombinefn END, CASE WHEN a.aggserialfn::oid <> 0 THEN 'SERIALFUNC = ' || a.aggserialfn END,
		CASE WHEN a.aggdeserialfn::oid <> 0 THEN 'DESERIALFUNC = ' || a.aggdeserialfn END,
		CASE WHEN a.aggmtransfn::oid <> 0 THEN 'MSFUNC = ' || a.aggmtransfn || ', MINVFUNC = ' || a.aggminvtransfn || ', MSTYPE = ' || pg_catalog.format_type(a.aggmtranstype, NULL) END,
		CASE WHEN a.aggmtransspace <> 0 THEN 'MSSPACE = ' || a.aggmtransspace END, 'MINITCOND = ' || pg_catalog.quote_literal(a.aggminitval),
		CASE WHEN a.aggmfinalfn::oid <> 0 THEN 'MFINALFUNC = ' || a.aggmfinalfn END, CASE WHEN a.aggmfinalextra THEN 'MFINALFUNC_EXTRA' END,
		CASE WHEN a.aggmfinalfn::oid <> 0 AND a.aggmfinalmodify <> CASE WHEN a.aggkind = 'n' THEN 'r' ELSE 'w' END THEN 'MFINALFUNC_MODIFY = ' || CASE a.aggmfinalmodify WHEN 'r' THEN 'READ_ONLY' WHEN 's' THEN 'SHAREABLE' ELSE 'READ_WRITE' END END,
		CASE WHEN a.aggsortop <> 0 THEN 'SORTOP = ' || (SELECT 'OPERATOR(' || pg_catalog.quote_ident(sn.nspname) || '.' || so.oprname || ')' FROM pg_catalog.pg_operator so JOIN pg_catalog.pg_namespace sn ON sn.oid = so.oprnamespace WHERE so.oid = a.aggsortop) END,
		CASE WHEN p.proparallel <> 'u' THEN 'PARALLEL = ' || CASE p.proparallel WHEN 's' THEN 'SAFE' ELSE 'RESTRICTED' END END,
		CASE WHEN a.aggkind = 'h' THEN 'HYPOTHETICAL' END))], NULL,
	pg_catalog.format('DROP AGGREGATE %I.%I(%s)', n.nspname, p.proname, CASE WHEN p.pronargs = 0 THEN '*' ELSE pg_catalog.pg_get_function_identity_arguments(p.oid) END),
	pg_catalog.format('AGGREGATE %I.%I(%s)', n.nspname, p.proname, CASE WHEN p.pronargs = 0 THEN '*' ELSE pg_catalog.pg_get_function_identity_arguments(p.oid) END)
	FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_aggregate a ON a.aggfnoid = p.oid JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace WHERE p.oid >= 16384 AND ` + userSchemas,

	`SELECT 'pg_opfamily', f.oid::int8, 'operator family', n.nspname, am.amname, f.opfname, '', pg_catalog.pg_get_userbyid(f.opfowner), NULL, NULL,
	ARRAY[pg_catalog.format('CREATE OPERATOR FAMILY %I.%I USING %I', n.nspname, f.opfname, am.amname)], NULL,
	pg_catalog.format('DROP OPERATOR FAMILY %I.%I USING %I', n.nspname, f.opfname, am.amname), pg_catalog.format('OPERATOR FAMILY %I.%I USING %I', n.nspname, f.opfname, am.amname)
	FROM pg_catalog.pg_opfamily f JOIN pg_catalog.pg_namespace n ON n.oid = f.opfnamespace JOIN pg_catalog.pg_am am ON am.oid = f.opfmethod WHERE f.oid >= 16384 AND ` + userSchemas,

	`SELECT 'pg_opclass', c.oid::int8, 'operator class', n.nspname, am.amname, c.opcname, '', pg_catalog.pg_get_userbyid(c.opcowner), NULL, NULL,
	ARRAY[pg_catalog.format(E'CREATE OPERATOR CLASS %I.%I%s FOR TYPE %s USING %I FAMILY %I.%I AS\n    %s', n.nspname, c.opcname, CASE WHEN c.opcdefault THEN ' DEFAULT' ELSE '' END,
		pg_catalog.format_type(c.opcintype, NULL), am.amname, fn.nspname, f.opfname, pg_catalog.concat_ws(E',\n    ',
		CASE WHEN c.opckeytype <> 0 THEN 'STORAGE ' || pg_catalog.format_type(c.opckeytype, NULL) END,
		(SELECT pg_catalog.string_agg(pg_catalog.format('OPERATOR %s %s%s', ao.amopstrategy, ao.amopopr::regoperator, CASE WHEN ao.amopsortfamily <> 0 THEN (SELECT pg_catalog.format(' FOR ORDER BY %I.%I', sfn.nspname, sf.opfname) FROM pg_catalog.pg_opfamily sf JOIN pg_catalog.pg_namespace sfn ON sfn.oid = sf.opfnamespace WHERE sf.oid = ao.amopsortfamily) ELSE '' END), E',\n    ' ORDER BY ao.amopstrategy)
			FROM pg_catalog.pg_amop ao JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_amop'::pg_catalog.regclass AND d.objid = ao.oid AND d.refclassid = 'pg_catalog.pg_opclass'::pg_catalog.regclass AND d.refobjid = c.oid),
		(SELECT pg_catalog.string_agg(pg_catalog.format('FUNCTION %s (%s, %s) %s', ap.amprocnum, pg_catalog.format_type(ap.amproclefttype, NULL), pg_catalog.format_type(ap.amprocrighttype, NULL), ap.amproc::regprocedure), E',\n    ' ORDER BY ap.amprocnum)
			FROM pg_catalog.pg_amproc ap JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_amproc'::pg_catalog.regclass AND d.objid = ap.oid AND d.refclassid = 'pg_catalog.pg_opclass'::pg_catalog.regclass AND d.refobjid = c.oid)))], NULL,
	pg_catalog.format('DROP OPERATOR CLASS %I.%I USING %I', n.nspname, c.opcname, am.amname), pg_catalog.format('OPERATOR CLASS %I.%I USING %I', n.nspname, c.opcname, am.amname)
	FROM pg_catalog.pg_opclass c JOIN pg_catalog.pg_namespace n ON n.oid = c.opcnamespace JOIN pg_catalog.pg_am am ON am.oid = c.opcmethod
	JOIN pg_catalog.pg_opfamily f ON f.oid = c.opcfamily JOIN pg_catalog.pg_namespace fn ON fn.oid = f.opfnamespace WHERE c.oid >= 16384 AND ` + userSchemas,

	// Members that belong to no operator class, as those of several types do.
	`SELECT 'pg_amop', o.oid::int8, 'operator family member', n.nspname, f.opfname || ' ' || am.amname, 'operator ' || o.amopstrategy, pg_catalog.format_type(o.amoplefttype, NULL) || ', ' || pg_catalog.format_type(o.amoprighttype, NULL), '', NULL, NULL,
	ARRAY[pg_catalog.format('ALTER OPERATOR FAMILY %I.%I USING %I ADD OPERATOR %s %s%s', n.nspname, f.opfname, am.amname, o.amopstrategy, o.amopopr::regoperator,
		' FOR ORDER BY ' || (SELECT pg_catalog.format('%I.%I', sn.nspname, sf.opfname) FROM pg_catalog.pg_opfamily sf JOIN pg_catalog.pg_namespace sn ON sn.oid = sf.opfnamespace WHERE sf.oid = o.amopsortfamily))], NULL,
	pg_catalog.format('ALTER OPERATOR FAMILY %I.%I USING %I DROP OPERATOR %s (%s, %s)', n.nspname, f.opfname, am.amname, o.amopstrategy, pg_catalog.format_type(o.amoplefttype, NULL), pg_catalog.format_type(o.amoprighttype, NULL)), ''
	FROM pg_catalog.pg_amop o JOIN pg_catalog.pg_opfamily f ON f.oid = o.amopfamily JOIN pg_catalog.pg_am am ON am.oid = f.opfmethod JOIN pg_catalog.pg_namespace n ON n.oid = f.opfnamespace
	WHERE o.oid >= 16384 AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend x WHERE x.classid = 'pg_catalog.pg_amop'::pg_catalog.regclass AND x.objid = o.oid AND (x.deptype = 'e' OR x.refclassid = 'pg_catalog.pg_opclass'::pg_catalog.regclass))
		AND ` + notMember("pg_opfamily", "f.oid") + ` AND ` + userSchemas,

	`SELECT 'pg_amproc', o.oid::int8, 'operator family member', n.nspname, f.opfname || ' ' || am.amname, 'function ' || o.amprocnum, pg_catalog.format_type(o.amproclefttype, NULL) || ', ' || pg_catalog.format_type(o.amprocrighttype, NULL), '', NULL, NULL,
	ARRAY[pg_catalog.format('ALTER OPERATOR FAMILY %I.%I USING %I ADD FUNCTION %s (%s, %s) %s', n.nspname, f.opfname, am.amname, o.amprocnum, pg_catalog.format_type(o.amproclefttype, NULL), pg_catalog.format_type(o.amprocrighttype, NULL), o.amproc::regprocedure)], NULL,
	pg_catalog.format('ALTER OPERATOR FAMILY %I.%I USING %I DROP FUNCTION %s (%s, %s)', n.nspname, f.opfname, am.amname, o.amprocnum, pg_catalog.format_type(o.amproclefttype, NULL), pg_catalog.format_type(o.amprocrighttype, NULL)), ''
	FROM pg_catalog.pg_amproc o JOIN pg_catalog.pg_opfamily f ON f.oid = o.amprocfamily JOIN pg_catalog.pg_am am ON am.oid = f.opfmethod JOIN pg_catalog.pg_namespace n ON n.oid = f.opfnamespace
	WHERE o.oid >= 16384 AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend x WHERE x.classid = 'pg_catalog.pg_amproc'::pg_catalog.regclass AND x.objid = o.oid AND (x.deptype = 'e' OR x.refclassid = 'pg_catalog.pg_opclass'::pg_catalog.regclass))
		AND ` + notMember("pg_opfamily", "f.oid") + ` AND ` + userSchemas,

	`SELECT 'pg_cast', c.oid::int8, 'cast', '', '', pg_catalog.format_type(c.castsource, NULL), pg_catalog.format_type(c.casttarget, NULL), '', NULL, NULL,
	ARRAY[pg_catalog.format('CREATE CAST (%s AS %s) %s%s', pg_catalog.format_type(c.castsource, NULL), pg_catalog.format_type(c.casttarget, NULL),
		CASE c.castmethod WHEN 'f' THEN 'WITH FUNCTION ' || c.castfunc::regprocedure WHEN 'i' THEN 'WITH INOUT' ELSE 'WITHOUT FUNCTION' END,
		CASE c.castcontext WHEN 'a' THEN ' AS ASSIGNMENT' WHEN 'i' THEN ' AS IMPLICIT' ELSE '' END)], NULL,
	pg_catalog.format('DROP CAST (%s AS %s)', pg_catalog.format_type(c.castsource, NULL), pg_catalog.format_type(c.casttarget, NULL)),
	pg_catalog.format('CAST (%s AS %s)', pg_catalog.format_type(c.castsource, NULL), pg_catalog.format_type(c.casttarget, NULL))
	FROM pg_catalog.pg_cast c WHERE c.oid >= 16384
		AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend x WHERE x.classid = 'pg_catalog.pg_cast'::pg_catalog.regclass AND x.objid = c.oid AND x.deptype = 'i')`,

	`SELECT 'pg_transform', t.oid::int8, 'transform', '', l.lanname, pg_catalog.format_type(t.trftype, NULL), '', '', NULL, NULL,
	ARRAY[pg_catalog.format('CREATE TRANSFORM FOR %s LANGUAGE %I (%s)', pg_catalog.format_type(t.trftype, NULL), l.lanname, pg_catalog.concat_ws(', ',
		CASE WHEN t.trffromsql::oid <> 0 THEN 'FROM SQL WITH FUNCTION ' || t.trffromsql::oid::regprocedure END, CASE WHEN t.trftosql::oid <> 0 THEN 'TO SQL WITH FUNCTION ' || t.trftosql::oid::regprocedure END))], NULL,
	pg_catalog.format('DROP TRANSFORM FOR %s LANGUAGE %I', pg_catalog.format_type(t.trftype, NULL), l.lanname), pg_catalog.format('TRANSFORM FOR %s LANGUAGE %I', pg_catalog.format_type(t.trftype, NULL), l.lanname)
	FROM pg_catalog.pg_transform t JOIN pg_catalog.pg_language l ON l.oid = t.trflang WHERE t.oid >= 16384`,

	`SELECT 'pg_language', l.oid::int8, 'language', '', '', l.lanname, '', pg_catalog.pg_get_userbyid(l.lanowner), l.lanacl::text[], pg_catalog.acldefault('l', l.lanowner)::text[],
	ARRAY[pg_catalog.format('CREATE %sLANGUAGE %I HANDLER %s%s%s', CASE WHEN l.lanpltrusted THEN 'TRUSTED ' ELSE '' END, l.lanname, l.lanplcallfoid::regproc,
		CASE WHEN l.laninline <> 0 THEN ' INLINE ' || l.laninline::regproc ELSE '' END, CASE WHEN l.lanvalidator <> 0 THEN ' VALIDATOR ' || l.lanvalidator::regproc ELSE '' END)], NULL,
	pg_catalog.format('DROP LANGUAGE %I', l.lanname), pg_catalog.format('LANGUAGE %I', l.lanname)
	FROM pg_catalog.pg_language l WHERE l.oid >= 16384`,

	`SELECT 'pg_am', a.oid::int8, 'access method', '', '', a.amname, '', '', NULL, NULL,
	ARRAY[pg_catalog.format('CREATE ACCESS METHOD %I TYPE %s HANDLER %s', a.amname, CASE a.amtype WHEN 'i' THEN 'INDEX' ELSE 'TABLE' END, a.amhandler)], NULL,
	pg_catalog.format('DROP ACCESS METHOD %I', a.amname), pg_catalog.format('ACCESS METHOD %I', a.amname)
	FROM pg_catalog.pg_am a WHERE a.oid >= 16384`,

	`SELECT 'pg_ts_dict', d.oid::int8, 'text search dictionary', n.nspname, '', d.dictname, '', pg_catalog.pg_get_userbyid(d.dictowner), NULL, NULL,
	ARRAY[pg_catalog.format(E'CREATE TEXT SEARCH DICTIONARY %I.%I (\n    TEMPLATE = %I.%I%s\n)', n.nspname, d.dictname, tn.nspname, t.tmplname, coalesce(E',\n    ' || d.dictinitoption, ''))], NULL,
	pg_catalog.format('DROP TEXT SEARCH DICTIONARY %I.%I', n.nspname, d.dictname), pg_catalog.format('TEXT SEARCH DICTIONARY %I.%I', n.nspname, d.dictname)
	FROM pg_catalog.pg_ts_dict d JOIN pg_catalog.pg_namespace n ON n.oid = d.dictnamespace JOIN pg_catalog.pg_ts_template t ON t.oid = d.dicttemplate JOIN pg_catalog.pg_namespace tn ON tn.oid = t.tmplnamespace WHERE d.oid >= 16384 AND ` + userSchemas,

	`SELECT 'pg_ts_template', t.oid::int8, 'text search template', n.nspname, '', t.tmplname, '', '', NULL, NULL,
	ARRAY[pg_catalog.format('CREATE TEXT SEARCH TEMPLATE %I.%I (%sLEXIZE = %s)', n.nspname, t.tmplname, CASE WHEN t.tmplinit::oid <> 0 THEN 'INIT = ' || t.tmplinit || ', ' ELSE '' END, t.tmpllexize)], NULL,
	pg_catalog.format('DROP TEXT SEARCH TEMPLATE %I.%I', n.nspname, t.tmplname), pg_catalog.format('TEXT SEARCH TEMPLATE %I.%I', n.nspname, t.tmplname)
	FROM pg_catalog.pg_ts_template t JOIN pg_catalog.pg_namespace n ON n.oid = t.tmplnamespace WHERE t.oid >= 16384 AND ` + userSchemas,

	`SELECT 'pg_ts_parser', p.oid::int8, 'text search parser', n.nspname, '', p.prsname, '', '', NULL, NULL,
	ARRAY[pg_catalog.format('CREATE TEXT SEARCH PARSER %I.%I (START = %s, GETTOKEN = %s, END = %s, LEXTYPES = %s%s)', n.nspname, p.prsname, p.prsstart, p.prstoken, p.prsend, p.prslextype, CASE WHEN p.prsheadline::oid <> 0 THEN ', HEADLINE = ' || p.prsheadline ELSE '' END)], NULL,
	pg_catalog.format('DROP TEXT SEARCH PARSER %I.%I', n.nspname, p.prsname), pg_catalog.format('TEXT SEARCH PARSER %I.%I', n.nspname, p.prsname)
	FROM pg_catalog.pg_ts_parser p JOIN pg_catalog.pg_namespace n ON n.oid = p.prsnamespace WHERE p.oid >= 16384 AND ` + userSchemas,

	`SELECT 'pg_ts_config', c.oid::int8, 'text search configuration', n.nspname, '', c.cfgname, '', pg_catalog.pg_get_userbyid(c.cfgowner), NULL, NULL,
	ARRAY[pg_catalog.format('CREATE TEXT SEARCH CONFIGURATION %I.%I (PARSER = %I.%I)', n.nspname, c.cfgname, pn.nspname, p.prsname)], NULL,
	pg_catalog.format('DROP TEXT SEARCH CONFIGURATION %I.%I', n.nspname, c.cfgname), pg_catalog.format('TEXT SEARCH CONFIGURATION %I.%I', n.nspname, c.cfgname)
	FROM pg_catalog.pg_ts_config c JOIN pg_catalog.pg_namespace n ON n.oid = c.cfgnamespace JOIN pg_catalog.pg_ts_parser p ON p.oid = c.cfgparser JOIN pg_catalog.pg_namespace pn ON pn.oid = p.prsnamespace WHERE c.oid >= 16384 AND ` + userSchemas,

	`SELECT 'pg_foreign_data_wrapper', w.oid::int8, 'foreign data wrapper', '', '', w.fdwname, '', pg_catalog.pg_get_userbyid(w.fdwowner), w.fdwacl::text[], pg_catalog.acldefault('F', w.fdwowner)::text[],
	ARRAY[pg_catalog.format('CREATE FOREIGN DATA WRAPPER %I%s%s%s', w.fdwname, CASE WHEN w.fdwhandler <> 0 THEN ' HANDLER ' || w.fdwhandler::regproc ELSE '' END, CASE WHEN w.fdwvalidator <> 0 THEN ' VALIDATOR ' || w.fdwvalidator::regproc ELSE '' END, ` + options("w.fdwoptions") + `)], NULL,
	pg_catalog.format('DROP FOREIGN DATA WRAPPER %I', w.fdwname), pg_catalog.format('FOREIGN DATA WRAPPER %I', w.fdwname)
	FROM pg_catalog.pg_foreign_data_wrapper w WHERE w.oid >= 16384`,

	`SELECT 'pg_foreign_server', s.oid::int8, 'server', '', '', s.srvname, '', pg_catalog.pg_get_userbyid(s.srvowner), s.srvacl::text[], pg_catalog.acldefault('S', s.srvowner)::text[],
	ARRAY[pg_catalog.format('CREATE SERVER %I%s%s FOREIGN DATA WRAPPER %I%s', s.srvname, ' TYPE ' || pg_catalog.quote_literal(s.srvtype), ' VERSION ' || pg_catalog.quote_literal(s.srvversion), w.fdwname, ` + options("s.srvoptions") + `)], NULL,
	pg_catalog.format('DROP SERVER %I', s.srvname), pg_catalog.format('SERVER %I', s.srvname)
	FROM pg_catalog.pg_foreign_server s JOIN pg_catalog.pg_foreign_data_wrapper w ON w.oid = s.srvfdw WHERE s.oid >= 16384`,

	`SELECT 'pg_user_mapping', u.umid::int8, 'user mapping', '', u.srvname, u.usename, '', '', NULL, NULL,
	ARRAY[pg_catalog.format('CREATE USER MAPPING FOR %s SERVER %I%s', CASE WHEN u.umuser = 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(u.usename) END, u.srvname, ` + options("u.umoptions") + `)], NULL,
	pg_catalog.format('DROP USER MAPPING FOR %s SERVER %I', CASE WHEN u.umuser = 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(u.usename) END, u.srvname), ''
	FROM pg_catalog.pg_user_mappings u`,

	`SELECT 'pg_event_trigger', e.oid::int8, 'event trigger', '', '', e.evtname, '', pg_catalog.pg_get_userbyid(e.evtowner), NULL, NULL,
	ARRAY[pg_catalog.format(E'CREATE EVENT TRIGGER %I ON %s%s\n    EXECUTE FUNCTION %s()', e.evtname, e.evtevent, E'\n    WHEN TAG IN (' || (SELECT pg_catalog.string_agg(pg_catalog.quote_literal(t), ', ') FROM pg_catalog.unnest(e.evttags) t) || ')', e.evtfoid::regproc)],
	ARRAY[pg_catalog.format('ALTER EVENT TRIGGER %I %s', e.evtname, CASE e.evtenabled WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA' WHEN 'A' THEN 'ENABLE ALWAYS' ELSE 'ENABLE' END)],
	pg_catalog.format('DROP EVENT TRIGGER %I', e.evtname), pg_catalog.format('EVENT TRIGGER %I', e.evtname)
	FROM pg_catalog.pg_event_trigger e WHERE e.oid >= 16384`,

	`SELECT 'pg_statistic_ext', s.oid::int8, 'statistics', n.nspname, '', s.stxname, '', pg_catalog.pg_get_userbyid(s.stxowner), NULL, NULL,
	ARRAY[pg_catalog.pg_get_statisticsobjdef(s.oid)], ARRAY[pg_catalog.format('ALTER STATISTICS %I.%I SET STATISTICS %s', n.nspname, s.stxname, «statisticsto»)],
	pg_catalog.format('DROP STATISTICS %I.%I', n.nspname, s.stxname), pg_catalog.format('STATISTICS %I.%I', n.nspname, s.stxname)
	FROM pg_catalog.pg_statistic_ext s JOIN pg_catalog.pg_namespace n ON n.oid = s.stxnamespace WHERE s.oid >= 16384 AND ` + userSchemas,
}

func (r *reader) definitions() error {
	queries := []string{definitionTypes}
	for _, query := range append(publicationQueries(r.version), definitionQueries...) {
		_, class, _ := strings.Cut(query, "'")
		class, _, _ = strings.Cut(class, "'")
		if r.holds[class] {
			queries = append(queries, query)
		}
	}
	if len(queries) == 1 {
		return nil
	}
	found, err := rows[definitionRow](r, "SELECT * FROM (\n"+strings.Join(queries, "\nUNION ALL\n")+"\n) d ("+definitionColumns+")")
	if err != nil {
		return fmt.Errorf("definitions: %w", err)
	}
	for _, d := range found {
		if r.isMember(d.Class, d.Oid) {
			continue
		}
		object := &schema.Definition{
			Head: d.common(schema.Kind(d.Kind), r.schema.Role), Create: d.Create, Settings: ordinary(d.Settings), Drop: d.Drop, Name: d.Label,
		}
		object.Identity.Parent, object.Identity.Args = d.Parent, d.Args
		if err := r.add(d.Class, d.Oid, object); err != nil {
			return err
		}
	}
	return nil
}

// ordinary leaves out the settings that every new object has anyway.
func ordinary(settings []string) []string {
	var kept []string
	for _, setting := range settings {
		if setting != "" {
			kept = append(kept, setting)
		}
	}
	return kept
}

// publicationQueries read publications and, as objects of their own, what is
// published: so a table can join and leave without touching the rest.
func publicationQueries(version int) []string {
	queries := []string{
		`SELECT 'pg_publication', p.oid::int8, 'publication', '', '', p.pubname, '', pg_catalog.pg_get_userbyid(p.pubowner), NULL, NULL,
		ARRAY[pg_catalog.format('CREATE PUBLICATION %I%s', p.pubname, CASE WHEN p.puballtables THEN ' FOR ALL TABLES' ELSE '' END)],
		ARRAY[pg_catalog.format('ALTER PUBLICATION %I SET (publish = %L, publish_via_partition_root = %s%s)', p.pubname, pg_catalog.concat_ws(', ', CASE WHEN p.pubinsert THEN 'insert' END, CASE WHEN p.pubupdate THEN 'update' END, CASE WHEN p.pubdelete THEN 'delete' END, CASE WHEN p.pubtruncate THEN 'truncate' END), p.pubviaroot::text, «pubgenerated»)],
		pg_catalog.format('DROP PUBLICATION %I', p.pubname), pg_catalog.format('PUBLICATION %I', p.pubname)
		FROM pg_catalog.pg_publication p WHERE p.oid >= 16384`,
		`SELECT 'pg_publication_rel', pr.oid::int8, 'publication member', '', p.pubname, pr.prrelid::regclass::text, '', '', NULL, NULL,
		ARRAY[pg_catalog.format('ALTER PUBLICATION %I ADD TABLE ONLY %s%s%s', p.pubname, pr.prrelid::regclass,
			' (' || (SELECT pg_catalog.string_agg(pg_catalog.quote_ident(a.attname), ', ' ORDER BY a.attnum) FROM pg_catalog.pg_attribute a WHERE a.attrelid = pr.prrelid AND a.attnum = ANY («pubcolumns»::int2[])) || ')', ' WHERE (' || «pubfilter» || ')')], NULL,
		pg_catalog.format('ALTER PUBLICATION %I DROP TABLE ONLY %s', p.pubname, pr.prrelid::regclass), ''
		FROM pg_catalog.pg_publication_rel pr JOIN pg_catalog.pg_publication p ON p.oid = pr.prpubid`,
	}
	if version >= 150000 {
		queries = append(queries, `SELECT 'pg_publication_namespace', pn.oid::int8, 'publication member', '', p.pubname, 'schema ' || n.nspname, '', '', NULL, NULL,
		ARRAY[pg_catalog.format('ALTER PUBLICATION %I ADD TABLES IN SCHEMA %I', p.pubname, n.nspname)], NULL,
		pg_catalog.format('ALTER PUBLICATION %I DROP TABLES IN SCHEMA %I', p.pubname, n.nspname), ''
		FROM pg_catalog.pg_publication_namespace pn JOIN pg_catalog.pg_publication p ON p.oid = pn.pnpubid JOIN pg_catalog.pg_namespace n ON n.oid = pn.pnnspid`)
	}
	return queries
}

// textMappings reads which dictionaries a text search configuration asks, one
// object per type of token.
func (r *reader) textMappings() error {
	if !r.holds["pg_ts_config"] {
		return nil
	}
	type row struct {
		head
		Config int64
		Token  string
		Dicts  []int64
		Create string
		Drop   string
	}
	found, err := rows[row](r, `SELECT c.oid::int8 AS config, n.nspname AS schema, c.cfgname AS name, t.alias AS token, pg_catalog.array_agg(m.mapdict::int8) AS dicts,
		pg_catalog.format('ALTER TEXT SEARCH CONFIGURATION %I.%I ADD MAPPING FOR %I WITH %s', n.nspname, c.cfgname, t.alias, pg_catalog.string_agg(m.mapdict::regdictionary::text, ', ' ORDER BY m.mapseqno)) AS create,
		pg_catalog.format('ALTER TEXT SEARCH CONFIGURATION %I.%I DROP MAPPING FOR %I', n.nspname, c.cfgname, t.alias) AS drop
		FROM pg_catalog.pg_ts_config_map m JOIN pg_catalog.pg_ts_config c ON c.oid = m.mapcfg JOIN pg_catalog.pg_namespace n ON n.oid = c.cfgnamespace
		JOIN LATERAL pg_catalog.ts_token_type(c.cfgparser) t ON t.tokid = m.maptokentype
		WHERE c.oid >= 16384 AND `+userSchemas+` GROUP BY 1, 2, 3, 4`)
	if err != nil {
		return fmt.Errorf("text search mappings: %w", err)
	}
	for _, m := range found {
		config, ok := r.ids[address{class: "pg_ts_config", oid: m.Config}]
		if !ok || config.Kind != schema.KindTextConfig {
			continue
		}
		id := schema.ID{Kind: schema.KindTextMapping, Schema: m.Schema, Parent: m.Name, Name: m.Token}
		object := &schema.Definition{Head: schema.Head{Identity: id}, Create: []string{m.Create}, Drop: m.Drop}
		if err := r.schema.Add(object); err != nil {
			return err
		}
		needs := []schema.ID{config}
		for _, dict := range m.Dicts {
			if need, ok := r.ids[address{class: "pg_ts_dict", oid: dict}]; ok {
				needs = append(needs, need)
			}
		}
		r.schema.Depends[id] = needs
	}
	return nil
}
