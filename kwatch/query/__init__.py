"""The filter language, compiled against the indices."""

from kwatch.query.compiled import CompiledQuery as CompiledQuery
from kwatch.query.context import Context as Context
from kwatch.query.errors import QuerySyntaxError as QuerySyntaxError
from kwatch.query.parser import parse as parse
from kwatch.query.query import Query as Query
