-- Takes back what 0033_publish.up.sql made. Publications stay: weir cdc streams them.

DROP FUNCTION weir.publish(regclass[], name);
