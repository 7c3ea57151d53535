"""The plugin host: finds plugins, checks them, lets them register, and serves them."""
