"""The pressure a plan is checked on: demand that is promised, where the water comes from, what closures take, how sure it is."""
