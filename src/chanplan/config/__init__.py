"""Reading what people declare.

From YAML text to values with positions, and from those to desired resources. Every problem is collected with
its file, line and column; none is thrown at the first. Secrets stay references here and are never resolved
into values that could be printed. No network, no state.
"""
