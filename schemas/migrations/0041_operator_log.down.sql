-- Takes back what 0041_operator_log.up.sql made.

REVOKE SELECT, INSERT ON weir.operator_actions FROM weir_operator;
