"""The filter language, compiled against the indexes: `app=cart status:Running restarts>3 ~image since:10m`.

The way through: `parser` reads a text (`syntax`) into the terms of `terms`, one file a term; a Query of them is
compiled against a Context (`context`: the kind, the cache and its indexes, the journal, the owners) into a
CompiledQuery (`query`). That asks every Matcher (`term`) which has an index for its keys, the smallest answer first,
and tests the remaining rows (`row`) one by one. Begin with `term`, then with any file of `terms`.

Beside that: `index_names` (`ns:`, `image:` and the user's own), `columns` (`restarts>3`), `patterns` (`nginx*`),
`completion` (Tab), `help` (the table of terms), `editing` (adding and taking out terms; what is being typed).
"""

from kwatch.query.context import Context as Context
from kwatch.query.parser import parse as parse
from kwatch.query.query import CompiledQuery as CompiledQuery
from kwatch.query.query import Query as Query
from kwatch.query.syntax import QuerySyntaxError as QuerySyntaxError
