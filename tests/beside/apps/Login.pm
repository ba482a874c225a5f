# Authenticates olga by her password.
package Login;

use strict;
use warnings;
use Apache2::Access ();
use Apache2::Const -compile => qw(OK HTTP_UNAUTHORIZED);
use Apache2::RequestRec ();

sub handler {
    my ($r) = @_;
    my ($status, $password) = $r->get_basic_auth_pw();
    return $status unless $status == Apache2::Const::OK;
    return Apache2::Const::OK
        if $r->user eq 'olga' && $password eq 'secret';
    $r->note_basic_auth_failure();
    return Apache2::Const::HTTP_UNAUTHORIZED;
}

1;
