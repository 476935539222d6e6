"""What differs between two versions of an object, field by field.

`compare.diff` compares two trees and `compare.Split` two JSON texts, without parsing what is the same. Both give
`change.Change`, whose `words` are what people read. `path` knows where in an object something is, which items of two
lists are the same, and what is noise. `compare.side_by_side` aligns two texts for a diff view. Begin with `compare`.
"""
