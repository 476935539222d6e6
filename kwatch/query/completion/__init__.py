"""Tab completion of filters: keys, values, names, with how many objects each would find."""

from kwatch.query.completion.complete import complete as complete
from kwatch.query.completion.suggestion import Completion as Completion
from kwatch.query.completion.suggestion import Suggestion as Suggestion
