"""Groups, instances and targets as AWS keeps them, with time as an argument.

Requests (`groups`, `targets`) and facts (`facts`) write down what was asked or seen; `reconcile`
then decides what follows. It looks at the state only, so calling it twice changes nothing.
"""
