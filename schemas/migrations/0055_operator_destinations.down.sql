-- Takes back what 0055_operator_destinations.up.sql made. Addresses that operators added stay.

REVOKE INSERT (id, organization_id, user_id, channel, address_encrypted, address_hash, secret_encrypted, verified_at)
  ON public.notification_destinations FROM weir_operator;
