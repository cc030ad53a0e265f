-- weir notifications destination add: an operator gives a user an address, which is encrypted before it comes here.

GRANT INSERT (id, organization_id, user_id, channel, address_encrypted, address_hash, secret_encrypted, verified_at)
  ON public.notification_destinations TO weir_operator;
