-- Who works as weir_operator writes down what was decided, and reads it.

GRANT SELECT, INSERT ON weir.operator_actions TO weir_operator;
