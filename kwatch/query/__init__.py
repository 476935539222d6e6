"""The filter language, compiled against the indices."""

from kwatch.query.context import Context as Context
from kwatch.query.parser import parse as parse
from kwatch.query.query import CompiledQuery as CompiledQuery
from kwatch.query.query import Query as Query
from kwatch.query.syntax import QuerySyntaxError as QuerySyntaxError
