"""The wire protocol: what an API server answers over HTTP from the store.

A request goes through `application` (who asks, what for, whether they may: `call`) to `verbs`, which lists
(`listing`), watches (`watching`) or writes; `encoders` makes the bytes, `responses` frames them.
"""
