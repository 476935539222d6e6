"""The table as it was.

`controls` are what the table screen holds; they begin a `TimeTravel` (`time_travel`), which moves an `AsOfTable`
(`as_of_table`) through the moments of the journal. Near moments are reached delta by delta, far ones are made from
scratch (`AsOfView`), in a thread where that takes long. `table_journal` is the journal as far as the table goes,
`time_bar` shows where one is in it, `moment` reads and writes moments as people do. Begin with `time_travel`.
"""
