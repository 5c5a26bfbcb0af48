"""Looking at the server and the tables in which a state lies."""

import time

from chanplan.model.checkup import Concern, Remark, StoreFacts
from chanplan.stores.postgres.connecting import Connection
from chanplan.stores.postgres.faults import Doing, Place
from chanplan.stores.postgres.schema import find
from chanplan.stores.postgres.writing import Writer

_SERVER = (
    "SELECT current_setting('server_version'), current_schema(), extract(epoch FROM clock_timestamp())::float8,"
    " pg_is_in_recovery() OR current_setting('default_transaction_read_only') = 'on',"
    " current_schema() IS NOT NULL AND has_schema_privilege(current_schema(), 'CREATE')"
)
# Each is inserted into, whatever else is done with it.
_TABLES = (
    "SELECT sum(pg_total_relation_size(oid))::bigint, bool_and(has_table_privilege(oid, 'SELECT')"
    " AND (relname = 'chanplan_schema' OR has_table_privilege(oid, 'INSERT'))),"
    " bool_or(has_table_privilege('public', oid, 'SELECT')) FROM pg_class"
    " WHERE relkind = 'r' AND starts_with(relname, 'chanplan_') AND relnamespace = current_schema()::regnamespace"
)


def examine(writer: Writer, place: Place) -> StoreFacts:
    """Tell of a state in a database, of which the size is that of all its workspaces. Raises `StateUnreadable`."""

    def look(connection: Connection) -> StoreFacts:
        found = find(connection, place)
        asked = time.time()
        row = connection.execute(_SERVER).fetchone()
        assert row is not None, "settings give a row"
        version, schema, now, read_only, may_create = row
        ahead = now - (asked + time.time()) / 2
        details = {"PostgreSQL": version, "schema": str(schema)}
        size, may_write, is_public = None, may_create, False
        if found is not None:
            details["format"] = str(found)
            tables = connection.execute(_TABLES).fetchone()
            assert tables is not None, "an aggregate gives a row"
            size, may_write, is_public = tables
        remarks = []
        if read_only:
            remarks.append(Remark(Concern.NOT_WRITABLE, "the server or the role only lets it be read"))
        elif not may_write:
            what = "write its tables" if found is not None else "make its tables"
            remarks.append(Remark(Concern.NOT_WRITABLE, f"this role may not {what}"))
        if is_public:
            remarks.append(Remark(Concern.READABLE_BY_OTHERS, "PUBLIC, every role, may read its tables"))
        return StoreFacts(f"{place.workspace} in {place.settings}", size, details, tuple(remarks), ahead)

    return writer.apart(look, Doing.READING)
