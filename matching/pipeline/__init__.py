"""From a listing to its matches, in stages that can be read, tested and swapped one by one:

subjects -> candidates -> features -> score -> levels -> reasons -> delivery

`subjects` loads what matching may know of a listing, `candidates` asks the indexes, `features`,
`score`, `levels` and `reasons` are pure, `delivery` stores. `run` joins them.
"""
