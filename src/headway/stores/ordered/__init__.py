"""Events in the order of their subjects, beside the parts: the local store's quick way.

A ledger holds what some parts of one source say about one sort of subject: for each event name the
subjects and times in the order of subject and time, memory-mapped, immutable, and made again from
the parts when it is lost. Statistics read runs of it with compiled kernels; what they do not cover
is asked as SQL over the parts, and gives the same numbers.
"""
