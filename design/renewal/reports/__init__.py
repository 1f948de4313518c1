"""An assessment as people read it: evidence in sentences, documents, labels, map layers."""
