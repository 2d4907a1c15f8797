"""The tour: the whole of Septet used once, by two people, through its public interfaces, every figure checked."""
